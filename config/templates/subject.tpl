{{!One line: the subject of a mail, the title of a push message, the headline of a chat message.}}
{{HEADLINE}}
