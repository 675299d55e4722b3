-- Whom the requesters of `picked` count as: contacts merged into one are one person. Nobody stands for a
-- person who was erased, or for merges that run in a circle. Included by queries of marts.
chain (start, here) as (
    select distinct requester_id, requester_id from picked where requester_id is not null
    union
    select chain.start, contact.merged_into
    from chain
    join contact_center.contacts as contact on contact.contact_id = chain.here
    where contact.merged_into is not null
),
person as (
    select chain.start, contact.contact_id as root
    from chain
    join contact_center.contacts as contact on contact.contact_id = chain.here
    where contact.merged_into is null and contact.anonymized_at is null
        -- Nor does a tombstone contact, which a platform need not mark as erased.
        and contact.contact_id::text not in (select row_key from lacuna.tombstone)
)
