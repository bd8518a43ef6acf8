-- ARGV: wanted, capacity, refill per second. Answers {allowed, whole tokens left, wait}; wait is in microseconds, -1
-- for none or never.
local wanted, capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
-- Longer than anybody waits; more would not fit an integer.
local LONGEST = 100 * 365 * 24 * 3600 * 1000000

local stored = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(stored[1]) or capacity
local at = tonumber(stored[2]) or now
tokens = math.min(tokens + rate * math.max(now - at, 0) / 1000000, capacity)

local allowed, wait = 0, -1
if wanted <= tokens then
    allowed, tokens = 1, tokens - wanted
elseif wanted <= capacity and rate > 0 then
    wait = math.min(math.ceil((wanted - tokens) / rate * 1000000), LONGEST)
end

redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens), 'at', string.format('%.0f', now))
if rate > 0 then
    -- A full bucket is as good as none.
    local full = math.min((capacity - tokens) / rate * 1000, LONGEST / 1000)
    redis.call('PEXPIRE', KEYS[1], string.format('%.0f', math.ceil(full) + 1000))
else
    redis.call('PERSIST', KEYS[1])
end
return {allowed, math.floor(tokens), wait}
