-- Asks for totals, and reads what there is. KEYS: t, cfg. ARGV: for how long, the version that is known
-- Returns the time, what all agree on, the version and, where that is not the known one, the parts
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
redis.call('HSET', KEYS[1], 'asked', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
local t = redis.call('HMGET', KEYS[1], 'version', 'young', 'old')
local terms, version = redis.call('GET', KEYS[2]) or '', t[1] or ''
if version == '' or version == ARGV[2] then return {now, terms, version} end
return {now, terms, version, t[2] or '', t[3] or ''}
