-- What a writer asks that has nothing to push, but keeps batches. KEYS: w, ep, open, hw, claims
-- ARGV: ttl of w
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[1])) or 0
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local mark = tonumber(redis.call('GET', KEYS[4])) or 0
for _, key in ipairs({KEYS[3], KEYS[5]}) do
  local first = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  if first and first <= mark then mark = first - 1 end
end
return {'LOOK', last, redis.call('GET', KEYS[2]) or '', mark, now}
