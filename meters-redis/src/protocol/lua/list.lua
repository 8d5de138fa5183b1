-- What is due, and what is claimed. KEYS: open, claims. ARGV: how long after a period's start it is due, at most so many
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = string.format('%.0f', now - tonumber(ARGV[1]))
return {
  now,
  redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', due, 'LIMIT', 0, ARGV[2]),
  redis.call('ZRANGE', KEYS[2], 0, tonumber(ARGV[2]) - 1, 'WITHSCORES'),
}
