-- Gives a claim back of whose requests none may still arrive: whoever asks next has it. KEYS: c, ep. ARGV: owner, at
-- Returns 1 if so; 0 and -1 as in own
local epoch = redis.call('GET', KEYS[2]) or ''
local c = redis.call('HMGET', KEYS[1], 'owner', 'at')
if not c[1] then return {-1, epoch} end
if c[1] ~= ARGV[1] or c[2] ~= ARGV[2] then return {0, epoch} end
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[1], 'deadline', '0')
return {1, epoch}
