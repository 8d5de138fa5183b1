-- What is kept of all that was reported, for those who show it. KEYS: c, ep, t. ARGV: owner, at, the version that is known
-- Returns 1, or -1 where the claim is gone, and: whether anybody asked for totals, whether this claim is in them, their
-- version and, where that is not the known one, the parts. 0 as in own
local epoch = redis.call('GET', KEYS[2]) or ''
local c = redis.call('HMGET', KEYS[1], 'owner', 'at', 'kept')
local code = 1
if not c[1] then
  code = -1
elseif c[1] ~= ARGV[1] or c[2] ~= ARGV[2] then
  return {0, epoch}
end
if redis.call('EXISTS', KEYS[3]) == 0 then return {code, epoch, 0, 0, ''} end
local t = redis.call('HMGET', KEYS[3], 'version', 'young', 'old')
local version = t[1] or ''
if version == '' or version == ARGV[3] then return {code, epoch, 1, tonumber(c[3]) or 0, version} end
return {code, epoch, 1, tonumber(c[3]) or 0, version, t[2] or '', t[3] or ''}
