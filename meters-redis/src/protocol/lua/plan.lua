-- Fixes what the batch was encoded to. KEYS: c, ep. ARGV: owner, at, plan. Returns 1 and: whether another plan was fixed and
-- begun, whether that ever happened, whether marks may be missing, marks and acks by name and value. 0 and -1 as in own
local epoch = redis.call('GET', KEYS[2]) or ''
local all, c, notes = redis.call('HGETALL', KEYS[1]), {}, {}
for i = 1, #all, 2 do
  local name = all[i]
  if string.match(name, '^[as]%d') then
    notes[#notes + 1] = name
    notes[#notes + 1] = all[i + 1]
  else
    c[name] = all[i + 1]
  end
end
if not c.owner then return {-1, epoch} end
if c.owner ~= ARGV[1] or c.at ~= ARGV[2] then return {0, epoch} end
local changed = 0
if c.plan ~= ARGV[3] then
  redis.call('PERSIST', KEYS[1])
  if #notes > 0 then
    changed = 1
    c.mixed = '1'
    redis.call('HSET', KEYS[1], 'mixed', '1')
    for i = 1, #notes, 2 do redis.call('HDEL', KEYS[1], notes[i]) end
    notes = {}
  end
  redis.call('HSET', KEYS[1], 'plan', ARGV[3])
end
return {1, epoch, changed, tonumber(c.mixed) or 0, tonumber(c.doubt) or 0, notes}
