-- ARGV: token, lease, interval, crawl delay, delay factor, longest pause. Answers {1, 0, ''} or {0, wait, why}.
local token, lease = ARGV[1], tonumber(ARGV[2])
local interval, crawl_delay = tonumber(ARGV[3]), tonumber(ARGV[4])
local factor, max_delay = tonumber(ARGV[5]), tonumber(ARGV[6])
-- While a request is under way nobody knows when it ends: waiters look again within these bounds.
local LOOK_AGAIN_FIRST, LOOK_AGAIN_LAST = 20000, 500000

expire()
-- Asked again because the answer was lost on the way.
if gate.token == token then return {1, 0, ''} end

local held_until, why = 0, ''
local function hold(at, reason)
    if at and at >= held_until then held_until, why = at, reason end
end
hold(gate.closed_until, 'closed')
hold(next_start(interval, crawl_delay, factor, max_delay), 'spacing')
if gate.token then
    local guess = math.max(LOOK_AGAIN_FIRST, math.min(gate.took or LOOK_AGAIN_FIRST, LOOK_AGAIN_LAST))
    local by_interval = gate.held_since + math.max(interval, crawl_delay)
    hold(math.min(math.max(now + guess, by_interval), gate.lease_until), 'in_flight')
end
if held_until > now then
    save()
    return {0, held_until - now, why}
end

gate.token, gate.held_since, gate.lease_until = token, now, now + lease
gate.held_interval, gate.held_crawl_delay = interval, crawl_delay
gate.held_factor, gate.held_max_delay = factor, max_delay
changed = true
save()
return {1, 0, ''}
