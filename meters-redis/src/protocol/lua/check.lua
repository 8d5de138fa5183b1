-- Whether a newcomer means the same as the others. KEYS: cfg. ARGV: what it means, ttl. Returns 1, or 0 and what they mean
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local theirs = redis.call('GET', KEYS[1])
if theirs and theirs ~= ARGV[1] then return {0, now, theirs} end
if theirs then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return {1, now, ARGV[1]}
