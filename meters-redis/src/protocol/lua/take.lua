-- Takes over a claim that was not finished in time. KEYS: c, claims, ep
-- ARGV: bid, owner, claim time, grace, server, the term that the asker itself had and gave up
-- Returns 1 and the claim, 0 if there is none, -1 if it is still another's, and its deadline.
local t = redis.call('TIME')
local at = string.format('%.0f', t[1] * 1000000 + t[2])
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local epoch = redis.call('GET', KEYS[3]) or ''
local c = redis.call('HMGET', KEYS[1], 'owner', 'at', 'deadline', 'period', 'attempt', 'server', 'doubt', 'late', 'mark')
if not c[1] then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return {0, epoch, now}
end
local deadline, attempt, doubt, mark = tonumber(c[3]), tonumber(c[5]), tonumber(c[7]) or 0, tonumber(c[9]) or 0
local own = c[1] == ARGV[2]
if own and c[2] ~= ARGV[6] then
  -- Its own, by a request whose answer it never had.
  return {1, epoch, now, c[2], deadline, tonumber(c[8]), tonumber(c[4]), attempt, doubt, mark}
end
-- 0: it was given back.
if not own and deadline > 0 and deadline + tonumber(ARGV[4]) >= now then
  return {-1, epoch, now, deadline}
end
-- Another server, or the same one restarted, may have forgotten the newest marks.
if c[6] ~= ARGV[5] then doubt = 1 end
deadline, attempt = now + tonumber(ARGV[3]), attempt + 1
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'at', at, 'deadline', string.format('%.0f', deadline), 'attempt', attempt,
  'server', ARGV[5], 'doubt', doubt)
return {1, epoch, now, at, deadline, tonumber(c[8]), tonumber(c[4]), attempt, doubt, mark}
