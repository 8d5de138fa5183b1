-- Takes in one batch of one writer, once. KEYS: w, o, open, ep, hw, claims, counts
-- ARGV: seq, the seq that must be the last one, period, batch, ttl of w, ttl of o, writer, 1 if it was stored before and forgotten,
-- how many series were forgotten by its writer, too
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = tonumber(redis.call('GET', KEYS[1])) or 0
local epoch = redis.call('GET', KEYS[4])
if not epoch then
  epoch = string.format('%.0f-%s', now, ARGV[7])
  redis.call('SET', KEYS[4], epoch)
end
local seq, status = tonumber(ARGV[1]), 'OK'
if last >= seq then
  status = 'DUP'
elseif last ~= tonumber(ARGV[2]) then
  status = 'GAP'
else
  -- The number after it: a failure before it leaves a field that the next try writes again.
  redis.call('HSET', KEYS[2], ARGV[7] .. ':' .. ARGV[1], ARGV[4])
  redis.call('PEXPIRE', KEYS[2], ARGV[6])
  redis.call('ZADD', KEYS[3], ARGV[3], ARGV[3])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[5])
  -- After the number: a failure here must not have the batch stored once more.
  if ARGV[8] == '1' then redis.call('HINCRBY', KEYS[7], 'replayed', 1) end
  if ARGV[9] ~= '0' then redis.call('HINCRBY', KEYS[7], 'lost', ARGV[9]) end
  last = seq
end
-- The watermark: what was pushed with this period or an earlier one has been reported.
local mark = tonumber(redis.call('GET', KEYS[5])) or 0
for _, key in ipairs({KEYS[3], KEYS[6]}) do
  local first = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
  if first and first <= mark then mark = first - 1 end
end
return {status, last, epoch, mark, now}
