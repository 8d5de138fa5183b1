-- Replaces the totals by such as a claim is in. KEYS: c, ep, t. ARGV: owner, at, the version that they had, their new one, young,
-- old, 1 where the claim is gone with all else and nobody else has it
-- Returns 1, or 2 where the totals have another version, or nobody asks for them; 0 and -1 as in own
local epoch = redis.call('GET', KEYS[2]) or ''
local c = redis.call('HMGET', KEYS[1], 'owner', 'at')
if c[1] then
  if c[1] ~= ARGV[1] or c[2] ~= ARGV[2] then return {0, epoch} end
elseif ARGV[7] ~= '1' then
  return {-1, epoch}
end
if redis.call('EXISTS', KEYS[3]) == 0 or (redis.call('HMGET', KEYS[3], 'version')[1] or '') ~= ARGV[3] then
  return {2, epoch}
end
-- A write that needs no memory goes first: then a full server lets the others pass, and reporting makes room.
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[3], 'version', ARGV[4], 'young', ARGV[5], 'old', ARGV[6])
if c[1] then redis.call('HSET', KEYS[1], 'kept', '1') end
return {1, epoch}
