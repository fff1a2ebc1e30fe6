<!doctype html>
<html lang="en">
<body style="font-family:sans-serif;max-width:40em;margin:1em auto;padding:0 1em">
<h1 style="font-size:1.2em">{{HEADLINE}}</h1>
{{#TEXT}}
<p>{{TEXT}}</p>
{{/TEXT}}
{{#CASE}}
<p><strong>Case {{NUMBER}}</strong> ({{URGENCY}}), {{CUSTOMER}} on {{SOURCE}}{{#REACH}}, heard by {{REACH}}{{/REACH}}</p>
<blockquote style="border-left:4px solid #c00;margin:0;padding:0 1em;white-space:pre-line">{{EXCERPT}}</blockquote>
<ul>
{{#REASON}}
<li>{{REASON}}</li>
{{/REASON}}
</ul>
{{#ANSWER_DUE}}
<p>First answer due {{ANSWER_DUE}}</p>
{{/ANSWER_DUE}}
{{#POST_URL}}
<p><a href="{{POST_URL}}">Open the post</a></p>
{{/POST_URL}}
{{/CASE}}
{{#NEXT}}
<p>{{NEXT}}</p>
{{/NEXT}}
{{#ACK_URL}}
<p><a href="{{ACK_URL}}" style="display:inline-block;padding:.7em 1.2em;background:#063;color:#fff;text-decoration:none">Take it</a></p>
{{/ACK_URL}}
{{#CODE}}
<p>Code: <strong>{{CODE}}</strong></p>
{{/CODE}}
{{#LABEL_URL}}
<p><a href="{{LABEL_URL}}">Not worth waking me</a></p>
{{/LABEL_URL}}
{{#CASE_URL}}
<p><a href="{{CASE_URL}}">See the case</a></p>
{{/CASE_URL}}
</body>
</html>
