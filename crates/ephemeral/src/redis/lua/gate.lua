-- What the scripts of a gate share: its state in one hash, and the rules of `gate.rs`. All times are microseconds of
-- this Redis' clock; they fit a double for the next two centuries.
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local STRIKES_KEPT = 3600 * 1000000

local gate, changed = {}, false
local stored = redis.call('HGETALL', key)
for i = 1, #stored, 2 do
    -- A token is text: it would not fit a number.
    gate[stored[i]] = stored[i] == 'token' and stored[i + 1] or tonumber(stored[i + 1])
end

-- When the next request may start, for somebody who asks for this spacing.
local function next_start(interval, crawl_delay, factor, max_delay)
    if not gate.ended then return nil end
    local pause = math.min(gate.took * factor, max_delay)
    return math.max(gate.started + interval, gate.reached + crawl_delay, gate.ended + pause)
end

-- The request under way has ended.
local function ended(started, reached, at, took)
    gate.started, gate.reached, gate.ended, gate.took = started, reached, at, took
    local idle = next_start(gate.held_interval, gate.held_crawl_delay, gate.held_factor, gate.held_max_delay)
    gate.idle_from = math.max(gate.idle_from or 0, idle)
    gate.token, gate.held_since, gate.lease_until = nil, nil, nil
    gate.held_interval, gate.held_crawl_delay, gate.held_factor, gate.held_max_delay = nil, nil, nil, nil
    changed = true
end

-- A lease that ended counts as a release of a request that took no time worth a pause.
local function expire()
    if gate.token and gate.lease_until <= now then
        ended(gate.held_since, gate.held_since, gate.lease_until, 0)
    end
end

-- Keeps what changed for as long as it can hold anybody back, and a while longer.
local function save()
    if not changed then return end
    local fields = {}
    for name, value in pairs(gate) do
        fields[#fields + 1] = name
        fields[#fields + 1] = name == 'token' and value or string.format('%.17g', value)
    end
    redis.call('DEL', key)
    redis.call('HSET', key, unpack(fields))
    local quiet = math.max(gate.lease_until or now, gate.closed_until or now, gate.idle_from or now)
    redis.call('PEXPIRE', key, string.format('%.0f', (quiet - now + STRIKES_KEPT) / 1000))
end
