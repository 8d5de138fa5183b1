-- All fields and values. KEYS: namespace
return redis.call('HGETALL', KEYS[1])
