{{!Everything but headline and links. Names: docs/configuration.md, "templates".}}
{{#TEXT}}
{{TEXT}}

{{/TEXT}}
{{#CASE}}
Case {{NUMBER}} ({{URGENCY}}), {{CUSTOMER}} on {{SOURCE}}{{#REACH}}, heard by {{REACH}}{{/REACH}}
"{{EXCERPT}}"
{{#REASON}}
- {{REASON}}
{{/REASON}}
{{#ANSWER_DUE}}
First answer due {{ANSWER_DUE}}
{{/ANSWER_DUE}}
{{#OWNER}}
Owner: {{OWNER}}
{{/OWNER}}
{{#POST_URL}}
Post: {{POST_URL}}
{{/POST_URL}}

{{/CASE}}
{{#NEXT}}
{{NEXT}}
{{/NEXT}}
{{#SELF}}
Earshot, {{AT}}
{{/SELF}}
