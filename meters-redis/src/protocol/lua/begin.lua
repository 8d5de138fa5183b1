-- A request is about to leave. KEYS: c, ep, counts. ARGV: owner, at, mark, range, how long it may take, plan,
-- how many of its datums may have arrived before
-- Returns 1 if it may, 2 if there is not the time; 0 and -1 as in own
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local epoch = redis.call('GET', KEYS[2]) or ''
local c = redis.call('HMGET', KEYS[1], 'owner', 'at', 'deadline', 'plan')
if not c[1] then return {-1, epoch} end
if c[1] ~= ARGV[1] or c[2] ~= ARGV[2] then return {0, epoch} end
if tonumber(c[3]) - now < tonumber(ARGV[5]) then return {2, epoch} end
redis.call('PERSIST', KEYS[1])
-- A server that went back in time may have forgotten this owner's plan, and even have an earlier owner's again.
if c[4] ~= ARGV[6] then
  if c[4] then
    redis.call('HSET', KEYS[1], 'mixed', '1')
    for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
      if string.match(name, '^[as]%d') then redis.call('HDEL', KEYS[1], name) end
    end
  end
  redis.call('HSET', KEYS[1], 'plan', ARGV[6])
end
-- Asked again under the same mark, it is the same request.
if redis.call('HSET', KEYS[1], 's' .. ARGV[3], ARGV[4]) == 1 and ARGV[7] ~= '0' then
  redis.call('HINCRBY', KEYS[3], 'again', ARGV[7])
end
return {1, epoch}
