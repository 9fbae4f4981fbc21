/**
 * The shapes that the desk's pages exchange with the gateway, for editors and readers; nothing here runs.
 *
 * @typedef {"caller" | "bot" | "agent" | "supervisor" | "system"} Speaker
 *
 * @typedef {object} AgentState
 * @property {string} agent
 * @property {string} [name]
 * @property {"offline" | "available" | "away"} presence
 * @property {string} [reason]
 * @property {"idle" | "reserved" | "on_contact" | "wrap_up" | "not_responding"} routing
 * @property {string | null} [next_presence]
 * @property {string} [next_reason]
 * @property {string} [since]
 * @property {string | null} [until]  when what it stands at ends by itself
 *
 * @typedef {object} OfferCard  What is shown of a call that rings.
 * @property {string} queue
 * @property {string} language
 * @property {string} caller  masked
 * @property {string} reason
 * @property {number} waited  seconds
 * @property {string} [wish]
 *
 * @typedef {object} Offer
 * @property {string} offer
 * @property {string} item
 * @property {string} agent
 * @property {string} state
 * @property {string} made_at
 * @property {string} expires_at
 * @property {OfferCard} [card]
 *
 * @typedef {object} WorkItem
 * @property {string} item
 * @property {string} call
 * @property {string} queue
 * @property {string} state
 * @property {string | null} [agent]
 * @property {string} [since]
 *
 * @typedef {object} Colleague
 * @property {string} agent
 * @property {string} name
 * @property {string} presence
 * @property {string} routing
 *
 * @typedef {object} QueueCount
 * @property {string} id
 * @property {Record<string, string>} name
 * @property {number} waiting
 * @property {string | null} oldest_since
 * @property {{seconds: number | null, method: string, sample: number}} [estimate]
 * @property {number} [answering]
 * @property {number | null} [service_level]
 *
 * @typedef {object} Snapshot
 * @property {number | string} watermark
 * @property {AgentState} me
 * @property {Offer | null} offer
 * @property {WorkItem | null} item
 * @property {QueueCount[]} queues
 * @property {Colleague[]} [agents]
 * @property {{id: string, name: string}[]} [targets]
 * @property {string | null} [overheard]  the agent's call on another platform, which we only hear
 * @property {{id: string, name: Record<string, string> | string}[]} dispositions
 * @property {{presence: string, reason: string, name: Record<string, string> | string}[]} presences
 *
 * @typedef {object} Summary
 * @property {string} [wish]
 * @property {Record<string, string>} [known]
 * @property {string[]} [tried]
 * @property {string[]} [promised]
 * @property {string} [text]
 * @property {string[]} [earlier]
 *
 * @typedef {object} Party
 * @property {string} who
 * @property {string} [name]
 * @property {string} role
 * @property {string} [mode]
 * @property {boolean} [held]
 * @property {boolean} [muted]
 *
 * @typedef {object} ActionOffer
 * @property {string} name
 * @property {Record<string, string> | string} title
 * @property {object} arguments  JSON schema of an object
 * @property {boolean} [changes]  whether it changes something; what only reads needs no confirmation
 *
 * @typedef {object} CallCard
 * @property {string} call
 * @property {{name: string, number: string}} [line]
 * @property {string} language
 * @property {string} caller  masked
 * @property {string | null} [asserted]  masked; whom the network vouches for, where it is not the caller
 * @property {{number: string, why: string} | null} [diverted]  masked; whom they had dialled before
 * @property {string} [direction]
 * @property {string} started_at
 * @property {string} [queue]
 * @property {string} [reason]
 * @property {"bot" | "agent" | "supervisor"} owner
 * @property {string} [agent]  the id of the person who has it
 * @property {number} epoch
 * @property {"none" | "knowledge" | "code"} verified
 * @property {Summary} summary
 * @property {Record<string, unknown>} slots
 * @property {{label: "negative" | "neutral" | "positive" | "unknown", why?: string}} sentiment
 * @property {string} [live_summary]
 * @property {Party[]} parties
 * @property {{id: string, text: string, said: boolean}[]} script
 * @property {ActionOffer[]} actions
 * @property {AssistCard | null} [card]  what helps at the moment
 * @property {boolean} recording
 * @property {{target: string, state: "ringing" | "talking" | "failed"} | null} [consulting]  who outside is asked first
 * @property {boolean} [overheard]  whether it is another platform's call: nothing can be done with it here
 *
 * @typedef {object} AssistCard
 * @property {string} card
 * @property {"answer" | "nothing" | "action"} kind
 * @property {string | number} [utterance]
 * @property {string} [text]
 * @property {Source} [source]
 * @property {number} [confidence]
 * @property {{name: string, title: Record<string, string> | string, arguments: Record<string, unknown>, missing: string[]}} [action]
 *
 * @typedef {object} Source
 * @property {string} title
 * @property {string} document
 * @property {string} excerpt
 * @property {string | null} [effective_from]
 * @property {boolean} [internal]  not to be read to callers
 *
 * @typedef {object} Line  One line of the transcript.
 * @property {string} key  stable for as long as the line exists
 * @property {Speaker} speaker
 * @property {string} who  the agent's name, where one is known
 * @property {string} text
 * @property {string} language  "" where it is the page's own
 * @property {string} at
 * @property {string} note  "" or what else is known: cut, unsure, keypad, or the kind of a system line
 * @property {Record<string, unknown>} detail  what a system line tells
 * @property {number} version  grows when the line changes
 */

export {};
