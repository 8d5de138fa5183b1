-- Ends a claim. KEYS: pending, claim. ARGV: id, 1 where the counts were reported and 0 where anyone may have them again
-- Returns 1, or 0 where another has them by now.
local id = redis.call('HGET', KEYS[2], 'id')
if not id then
  -- Ended before, by us whose answer was lost or by one who took it over; or evicted.
  return {1 - redis.call('EXISTS', KEYS[1])}
end
if id ~= ARGV[1] then return {0} end
if ARGV[2] == '1' then
  redis.call('UNLINK', KEYS[1], KEYS[2])
else
  redis.call('HSET', KEYS[2], 'deadline', '0')
end
return {1}
