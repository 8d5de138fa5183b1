-- Whether a claim is still its owner's. KEYS: c, ep. ARGV: owner, at, 1 to write something, which a barrier then waits for
-- Returns 1 if so, 0 if it is another's, -1 if it is gone.
local epoch = redis.call('GET', KEYS[2]) or ''
local c = redis.call('HMGET', KEYS[1], 'owner', 'at')
if not c[1] then return {-1, epoch} end
if c[1] ~= ARGV[1] or c[2] ~= ARGV[2] then return {0, epoch} end
if ARGV[3] == '1' then
  redis.call('PERSIST', KEYS[1])
  redis.call('HSET', KEYS[1], 'settled', ARGV[2])
end
return {1, epoch}
