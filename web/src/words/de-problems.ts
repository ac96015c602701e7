// Absagen und Fehler auf Deutsch: zu jedem Code der API ein Satz und was zu tun ist.

export const deProblems = {
  'error.invalid': 'Etwas in dieser Anfrage fehlt oder hat die falsche Form.',
  'error.empty': 'Eine Nachricht braucht mindestens ein sichtbares Zeichen.',
  'error.unauthenticated': 'Melde dich dafür an.',
  'error.not_accepting': 'Diese Person nimmt zurzeit keine Nachrichten von dir an.',
  'error.you_blocked':
    'Du hast diese Person blockiert, deshalb gehen in keine Richtung Nachrichten.',
  'error.request_pending':
    'Deine erste Nachricht ist angekommen. Eine Nachricht, bis eine Antwort kommt.',
  'error.first_contact_too_long':
    'Eine erste Nachricht fasst bis zu 280 Zeichen. Für mehr ist Platz, sobald eine Antwort kommt.',
  'error.opted_out': 'Diese Person hat Nachrichten dieser Art von dir beendet.',
  'error.consent_required': 'Diese Person hat nicht um Nachrichten dieser Art von dir gebeten.',
  'error.await_reply':
    'Eine automatische Nachricht wartet auf die Antwort der Person, bevor die nächste kommt.',
  'error.bulk_needs_opt_in':
    'Fast gleiche erste Nachrichten gingen an andere, und zu wenige haben geantwortet.',
  'error.slow_down': 'Viele deiner ersten Nachrichten warten noch auf eine Antwort.',
  'error.held':
    'Ein Link, der für dich neu ist, ging an viele auf einmal. Diese Nachricht wartet, bis du dich neu anmeldest.',
  'error.edit_closed': 'Diese Nachricht lässt sich nicht mehr ändern.',
  'error.suspended': 'Der Betreiber hat dieses Konto gesperrt; es kann keine Nachrichten senden.',
  'error.session_required': 'Ein API-Schlüssel kann das nicht; das muss die Person selbst tun.',
  'error.wrong_origin': 'Diese Anfrage kam von einer anderen Seite.',
  'error.not_found': 'Hier ist nichts für dich.',
  'error.recipient_gone': 'Dieses Konto wurde gelöscht und kann keine Nachrichten mehr empfangen.',
  'error.client_id_reused': 'Diese Kennung wurde schon für eine andere Nachricht verwendet.',
  'error.username_taken': 'Dieser Benutzername gehört jemandem oder hat jemandem gehört.',
  'error.too_large': 'Diese Anfrage ist größer, als der Server annimmt.',
  'error.too_long': 'Eine Nachricht fasst bis zu 10.000 Zeichen.',
  'error.unsupported': 'Der Inhalt muss JSON mit content-type application/json sein.',
  'error.rate_limited': 'Das war zu viel auf einmal.',
  'error.internal':
    'Bei uns ist etwas schiefgegangen. Nichts, was du geschrieben hast, ist verloren.',
  'error.overloaded': 'Der Server hat gerade viel zu tun.',
  'error.offline': 'Du bist offline. Versuch es noch einmal, wenn du verbunden bist.',
  'error.wrong_credentials': 'Das passt nicht zusammen. Prüfe deine Eingabe.',
  'error.unknown': 'Etwas ist schiefgegangen. Versuch es noch einmal.',
  'error.wait': { one: 'Warte {count} Sekunde.', other: 'Warte {count} Sekunden.' },
  'error.until': 'Wieder möglich am {date}.',
  'remedy.invalid': 'Berichtige das genannte Feld und sende es noch einmal.',
  'remedy.empty': 'Schreib etwas und sende es noch einmal.',
  'remedy.unauthenticated': 'Melde dich an und versuch es noch einmal.',
  'remedy.not_accepting':
    'Sie kann das ändern: indem sie dir zuerst schreibt oder in ihren Einstellungen.',
  'remedy.you_blocked': 'Hebe die Blockierung auf, wenn du schreiben möchtest.',
  'remedy.request_pending':
    'Warte auf eine Antwort. Bis dahin kannst du diese Nachricht einmal korrigieren.',
  'remedy.first_contact_too_long': 'Sag, wer du bist und worum es geht; den Rest später.',
  'remedy.opted_out': 'Nur sie kann sie wieder erlauben, durch ihre eigene Entscheidung.',
  'remedy.consent_required': 'Sie kann sie auf deinem Profil erlauben oder dir zuerst schreiben.',
  'remedy.await_reply':
    'Warte, bis sie wieder schreibt, oder lass sie Nachrichten dieser Art erlauben.',
  'remedy.bulk_needs_opt_in':
    'Warte auf Antworten oder schreib etwas Persönliches. Wer viele erreichen will, lässt sie zuerst zustimmen.',
  'remedy.slow_down':
    'Warte auf Antworten oder bis zum genannten Zeitpunkt: Dann zählt die älteste nicht mehr.',
  'remedy.held':
    'Melde dich neu an, damit sie ankommt. Wenn du sie nicht gesendet hast, nimm sie zurück und ändere dein Passwort.',
  'remedy.edit_closed': 'Schreib eine neue, die sagt, was sich geändert hat.',
  'remedy.suspended': 'Frag den Betreiber dieses Servers nach dem Grund und der Dauer.',
  'remedy.session_required': 'Melde dich selbst an und tu es dort.',
  'remedy.wrong_origin':
    'Öffne Aside selbst; ein Programm verwendet ein Bearer-Token statt des Cookies.',
  'remedy.not_found': 'Prüfe die Adresse oder ob du noch dabei bist.',
  'remedy.recipient_gone':
    'Hierhin lässt sich nichts mehr senden; was gesagt wurde, bleibt bei dir.',
  'remedy.client_id_reused': 'Schreib die Nachricht neu.',
  'remedy.username_taken': 'Wähle einen anderen Benutzernamen.',
  'remedy.too_large': 'Sende weniger auf einmal; eine Nachricht fasst bis zu 10.000 Zeichen.',
  'remedy.too_long': 'Kürze sie oder sende sie in Teilen.',
  'remedy.unsupported': 'Sende JSON in UTF-8.',
  'remedy.rate_limited': 'Warte einen Moment und mach dann weiter.',
  'remedy.internal':
    'Versuch es noch einmal; wenn es bleibt, nenne dem Betreiber die Kennung der Anfrage.',
  'remedy.overloaded': 'Versuch es in einem Moment noch einmal.',
  'cause.wrong-password': 'Dieser Name und dieses Passwort gehören nicht zusammen.',
  'cause.own-password': 'Das ist nicht dein Passwort.',
  'cause.wrong-code': 'Dieser Code stimmt nicht, oder seine Zeit ist um.',
  'cause.wrong-backup-code': 'Dieser Ersatzcode stimmt nicht oder wurde schon verwendet.',
  'cause.too-late': 'Es ist zu viel Zeit vergangen. Melde dich noch einmal an.',
  'cause.too-many-codes': 'Zu viele Codes waren falsch. Melde dich noch einmal an.',
  'cause.locked': 'Zu viele Codes waren falsch. Versuch es in einer Viertelstunde noch einmal.',
  'cause.email-known': 'Mit dieser E-Mail-Adresse gibt es schon ein Konto.',
  'cause.stale-link':
    'Dieser Link wurde schon verwendet, oder seine Zeit ist um. Fordere einen neuen an.',
  'cause.no-mail': 'Dieser Server kann keine E-Mails senden.',
  'cause.unconfirmed': 'Bestätige zuerst deine E-Mail-Adresse.',
  'cause.factor-on': 'Der zweite Schritt ist schon an.',
  'cause.factor-off': 'Der zweite Schritt ist nicht eingeschaltet.',
  'cause.not-fresh': 'Melde dich noch einmal an, bevor du das änderst.',
} as const;
