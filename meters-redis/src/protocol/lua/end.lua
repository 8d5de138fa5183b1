-- What became of a request. KEYS: c, b, claims, ep, counts. ARGV: owner, at, mark (empty: all of this range), range, fate
-- (1 done, 0 not sent), bid, 1 if all is done, plan, how many of its entries were damaged. Returns 1 if noted, 2 if the claim is finished and removed; 0 and -1 as in own
local epoch = redis.call('GET', KEYS[4]) or ''
local c = redis.call('HMGET', KEYS[1], 'owner', 'at', 'plan')
if not c[1] then return {-1, epoch} end
if c[1] ~= ARGV[1] or c[2] ~= ARGV[2] then return {0, epoch} end
if ARGV[7] == '1' then
  redis.call('UNLINK', KEYS[2], KEYS[1])
  redis.call('ZREM', KEYS[3], ARGV[6])
  if ARGV[9] ~= '0' then redis.call('HINCRBY', KEYS[5], 'damaged', ARGV[9]) end
  return {2, epoch}
end
if ARGV[3] ~= '' then
  redis.call('HDEL', KEYS[1], 's' .. ARGV[3])
else
  local all = redis.call('HGETALL', KEYS[1])
  for i = 1, #all, 2 do
    if string.match(all[i], '^s%d') and all[i + 1] == ARGV[4] then redis.call('HDEL', KEYS[1], all[i]) end
  end
end
if ARGV[5] == '1' then
  -- A server that went back in time may have forgotten this owner's plan, and even have an earlier owner's again.
  if c[3] ~= ARGV[8] then
    if c[3] then
      redis.call('HSET', KEYS[1], 'mixed', '1')
      for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
        if string.match(name, '^[as]%d') then redis.call('HDEL', KEYS[1], name) end
      end
    end
    redis.call('HSET', KEYS[1], 'plan', ARGV[8])
  end
  redis.call('HSET', KEYS[1], 'a' .. ARGV[3], ARGV[4])
end
return {1, epoch}
