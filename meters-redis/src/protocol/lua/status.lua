-- For operators; writes nothing. KEYS: open, claims, hw, ep, lease, cfg, counts. ARGV: at most so many periods and claims
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local last = tonumber(ARGV[1]) - 1
return {
  now,
  redis.call('GET', KEYS[4]) or '',
  tonumber(redis.call('GET', KEYS[3])) or 0,
  redis.call('GET', KEYS[5]) or '',
  redis.call('GET', KEYS[6]) or '',
  redis.call('ZCARD', KEYS[1]),
  redis.call('ZCARD', KEYS[2]),
  redis.call('ZRANGE', KEYS[1], 0, last),
  redis.call('ZRANGE', KEYS[2], 0, last, 'WITHSCORES'),
  redis.call('HGETALL', KEYS[7]),
}
