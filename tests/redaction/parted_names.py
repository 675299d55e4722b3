"""Texts in which the words of a name stand apart, and others in which they are two people's."""

import json

NAME = "Siobhan Quill"
APART = {
    "a document": '{"first": "Siobhan", "last": "Quill"}',
    "a document with lists": '{"ticket": {"first_name":"Siobhan","phones":[{"type":"home","n":"1"},'
    '{"type":"work","n":"2"}],"last_name":"Quill"}}',
    "a document with escapes": '{"first": "\\u0053iobhan", "last": "Quil\\u006c"}',
    "a document in a document": json.dumps({"payload": json.dumps({"a": "Siobhan", "b": "Quill"})}),
    "fields of a line": "1204;Quill;Siobhan;yes",
    "tabs": "1\tQuill\tyes\tSiobhan\t2020",
    "a vCard": "BEGIN:VCARD\nN:Quill;Siobhan;;;\nEND:VCARD",
    "XML": "<person><first>Siobhan</first><last>Quill</last></person>",
    "a form": "First name: Siobhan\nLast name: Quill\n",
    "a form with open lines": "First name:\nSiobhan\n\nLast name:\nQuill\n",
    "a form in a line": "First name: Siobhan Last name: Quill Telephone: 12",
    "a form with dashes": "First name - Siobhan\nLast name - Quill\n",
    "a form of items": "- First name: Siobhan\n- Last name: Quill\n",
    "a query": "first=Siobhan&last=Quill",
    "HTML": "<table><tr><td>First</td><td>Siobhan</td></tr>\n<tr><td>Last</td><td>Quill</td></tr></table>",
    "YAML": "person:\n  first: Siobhan\n  last: 'Quill'\n",
    "PHP": 'a:2:{s:5:"first";s:7:"Siobhan";s:4:"last";s:5:"Quill";}',
    "Markdown": "| First | Siobhan |\n|---|---|\n| Last | **Quill** |",
    "members of a name and a value": '{"fields":[{"id":1,"name":"First name","value":"Siobhan"},'
    '{"id":2,"name":"Last name","value":"Quill"}]}',
    "members with a value each": '{"firstname":{"value":"Siobhan","timestamp":1},'
    '"lastname":{"value":"Quill","timestamp":1}}',
    "fields with a value each": "Field: First name\nValue: Siobhan\nField: Last name\nValue: Quill\n",
    "changes in YAML": "---\nfirst_name:\n- \n- Siobhan\nlast_name:\n- \n- Quill\n",
    "a line of a log": "created contact first_name=Siobhan last_name=Quill by 3",
    "wide punctuation": "\u540d\uff1aSiobhan\n\u59d3\uff1aQuill",
    "blanks of mail programs": "Vorname\xa0\xa0Siobhan\nNachname\xa0 Quill\n",
    "curled quotes": "Vorname \u201eSiobhan\u201c, Nachname \u2018Quill\u2019",
    "arrows": "First name \u2192 Siobhan\nLast name \u2192 Quill",
    "dots": "First name ........ Siobhan\nLast name ........ Quill",
    "a title": "Last name: Dr. Quill\nFirst name: Siobhan",
    "an encoded query": "first=Siobh%C3%A1n&last=Quill",
    "bytes in mixed digits": "first: Siobhan; last: Qu=c3=aFll",
    "other letters": "first: SIOBH\u00c1N; last: quill",
}
OF_TWO_PEOPLE = {
    "members of a list": '[{"first":"Siobhan","last":"Berg"},{"first":"Anna","last":"Quill"}]',
    "lists in a list": '[["Siobhan","Berg"],["Anna","Quill"]]',
    "rows": "Siobhan;Berg;12\nAnna;Quill;13",
    "items": "- first: Siobhan\n  last: Berg\n- first: Anna\n  last: Quill\n",
    "elements": "<person><a>Siobhan</a><b>Berg</b></person><person><a>Anna</a><b>Quill</b></person>",
    "forms": "First: Siobhan\nLast: Berg\nFirst: Anna\nLast: Quill",
    "values of SQL": "insert into u values (1,'Siobhan','Berg'),(2,'Anna','Quill');",
    "cards": "N:Berg;Siobhan;;;\nEND:VCARD\nBEGIN:VCARD\nN:Quill;Anna;;;",
    "a chat": "Siobhan: my screen is black\nQuill: did you restart it?",
    "keys": '{"siobhan": 1, "quill": 2}',
    "tags": "<siobhan>yes</siobhan><x>1</x><quill>no</quill>",
    "one word": '{"first": "Siobhan"}',
    "a sentence": "Siobhan said: a quill, and more",
    "far apart": "Siobhan, " + "and, " * 20 + "Quill",
}
