"""English phrases."""

from lacuna_demo.sample.phrases.phrasebook import Phrasebook, Topic

ENGLISH = Phrasebook(
    hello="Hello,",
    introduction="This is {name}.",
    order_line="It is about order {order}.",
    signoff="Kind regards",
    thanks="That helps, thank you very much.",
    agent_hello="Dear {first},",
    readout="Let me read that back, {name}: order {order}, and I can call you on {phone}.",
    agent_close="Is there anything else I can do for you?",
    wrote="On {when}, {name} <{email}> wrote:",
    automatic="Thank you for your message. This is an automatic reply; we answer within one working day.",
    welcome="Welcome to {org}. A colleague will be with you in a moment.",
    inflected=(
        "{genitive} contract was moved to {street}; my number there is {phone} and my national"
        " insurance number is {national_id}."
    ),
    company_line="I am writing on behalf of {company}.",
    copied="I have put {other} in copy, who was there when it happened.",
    confirmed="I can confirm all of this. Call me on {phone} or write to {email} if you need more.",
    username="I sign in as {username}.",
    former="You may still have me under {former}, my name before I married.",
    mixed_up="The label of order {mixed} was on your parcel.",
    praise=("Quick and friendly.", "All good now.", "Very patient, thank you.", "Solved at once."),
    blame=("Took far too long.", "I had to explain it three times.", "Still not solved."),
    personal="{name} here: nobody called me back on {phone}!",
    note="Spoke to {name}, customer number {external_id}. Was friendly, wants a written answer.",
    wrapup="{name} asked to be called back on {phone} in the afternoon.",
    voicemail=(
        "Hello, this is {name}. I have been waiting for somebody to call me. My number is {phone}."
        " Thank you, goodbye."
    ),
    topics=(
        Topic(
            "Invoice for order {order}",
            "I was charged twice for the same month and would like one of the two amounts back.",
            "I can see both charges. The second one was made by mistake.",
            "Will the amount go back to the card I paid with?",
            "Yes, it will be on your card within five working days.",
        ),
        Topic(
            "Parcel has not arrived",
            "The parcel should have been here on Tuesday and the tracking page has not moved since.",
            "The carrier lost track of it at the depot; I have opened a search for it.",
            "How long will such a search take? I need it before the weekend.",
            "If it is not found by tomorrow noon we send a new one by express.",
        ),
        Topic(
            "Cannot log in any more",
            "Since the update I cannot log in; the page tells me that my password is wrong.",
            "Your account was locked after several attempts. I have unlocked it.",
            "It works now, but the app still shows the old page.",
            "Please remove the app and install it again, then the new page appears.",
        ),
        Topic(
            "Moving house next month",
            "I am moving at the end of next month and want to take my contract with me.",
            "That is possible. I need the date and the reading of the meter.",
            "The date is the thirtieth; I will send the reading that day.",
            "Noted. You will get a confirmation once the new address is active.",
        ),
        Topic(
            "Sending back order {order}",
            "The lamp is a different colour than in the picture and I would like to return it.",
            "Of course. You can send it back free of charge within thirty days.",
            "I no longer have the box it came in, is that a problem?",
            "Any sturdy box will do; the label is in your account.",
        ),
        Topic(
            "Question about my tariff",
            "My neighbor pays less than I do for what looks like the same tariff.",
            "Yours is an older tariff. I can change it from the first of the month.",
            "Is there a fee for the change, or a new minimum term?",
            "Neither. You only get a new price and the terms stay as they are.",
        ),
    ),
)
