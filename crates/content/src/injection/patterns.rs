//! What orders to a model look like: in lower case, without accents, single spaces.

/// Regular expressions, grouped by language; each is met by an order of the tests' table.
pub(super) const PATTERNS: &[&str] = &[
    // English
    r"\b(?:ignore|disregard|forget|override|bypass)(?: \w+){0,4}? (?:previous|prior|above|preceding|earlier|foregoing|original|initial)(?: \w+)? (?:instruction|prompt|directive|guideline|command)s?\b",
    r"\b(?:ignore|disregard|forget|override|bypass)(?: (?:all|any|every|of|the|your|these|those|and)){1,4} (?:instructions?|prompts?|directives?|guidelines?|commands?)(?: (?:that|which))?(?: (?:above|before|so far|you (?:were|have been|had been|received|got)))\b",
    r"\b(?:ignore|disregard|forget) (?:everything|anything|all|whatever) (?:that )?(?:(?:is |was )?(?:written |said |stated )?above|(?:you (?:were|have been) (?:told|given|instructed|asked) )(?:before|above|previously|earlier|so far))\b",
    r"\b(?:ignore|disregard|forget) (?:all )?(?:of )?the above(?: text)?,? (?:and|then|instead) (?:instead |now |just |only )?(?:say|output|respond|reply|print|write|answer|tell|return|rate|recommend|translate)\b",
    r"\b(?:ignore|override|bypass|forget|disregard) your (?:\w+ )?(?:instructions|guidelines|programming|directives|safety \w+|restrictions|system prompt)\b",
    r"\byou are now (?:a |an |the |my )(?:\w+ ){0,3}?(?:ai|language model|llm|chatbot|bot|assistant)\b",
    r"\byou are now (?:dan\b|in (?:dan|god|jailbreak|unrestricted) mode|jailbroken|unrestricted|no longer (?:bound|restricted|an ai))",
    r"\bfrom now on,? you (?:will|must|shall|are to|should)(?: only| always)? (?:respond|answer|reply|obey|act as|ignore)\b",
    r"\bas an? (?:ai|llm|large language model|language model|chatbot)(?: language)?(?: model| assistant| system)?,? you (?:must|should|will|have to|need to|are (?:required|to|now))\b",
    r"\b(?:reveal|show|print|repeat|output|display|leak|recite|tell me|give me|disclose) (?:me )?(?:your|the)(?: \w+){0,2}? (?:system prompt|hidden instructions|initial instructions)\b",
    r"(?:^|[\n.!?:>\]] ?)(?:\[|### ?)?system prompt\]? ?:",
    r"\b(?:do not|don't|never) (?:tell|inform|mention|reveal|disclose|notify|alert)(?: (?:this|it|that|anything|any of this|about this))?(?: to)? the (?:user|human)\b(?:[^' ]| about| that|$)",
    r"\bif you are an? (?:\w+ ){0,2}?(?:ai|llm|language model|chatbot|ai (?:assistant|agent|model|system|crawler))(?: reading this| processing this)?, ?\w",
    r"\b(?:attention|note to|message to|instructions? (?:to|for)|dear),? (?:all |any |the )?(?:ai|llms?|language models?|chatgpt)(?: (?:assistant|agent|model|bot|system|crawler|reader)s?)?(?: ?[:,]| must\b| should\b)",
    r"\bwhen (?:you are )?(?:summari[sz]ing|analy[sz]ing|evaluating|reviewing|describing|processing|ranking) (?:this|the) (?:\w+ )?(?:page|site|website|document|text|company|content|profile|resume|paper),? (?:you must |you should |always |only |please )*(?:say|state|output|respond|report that|conclude|rate|rank|recommend|praise)\b",
    r"<\|im_start\|>|<\|system\|>|<<sys>>|\[inst\]|<\|start_header_id\|>",
    // German
    r"\b(?:ignorier(?:e|t|en sie)|vergiss|vergesst|vergessen sie|missachten? ?(?:sie)?|ubergehen? ?(?:sie)?|verwirf|verwerfen sie)(?: \w+){0,3}? (?:vorherig|vorig|bisherig|fruher|obig|vorangegangen|vorangehend|vorstehend|vorhergehend|ursprunglich)e[nrs]?(?: \w+)? (?:anweisung|instruktion|vorgabe|befehl|prompt|direktive)(?:en|e|s|n)?\b",
    r"\b(?:ignorier(?:e|t|en sie)|vergiss|vergesst|vergessen sie)(?: (?:alle|samtliche|die|deine|ihre|diese)){1,3} (?:anweisungen|instruktionen|vorgaben|befehle|prompts)(?: (?:oben|davor|zuvor|von vorher)\b)",
    r"\b(?:du bist|sie sind) (?:jetzt|nun|ab sofort|ab jetzt) (?:ein|eine|der|die|mein) (?:\w+ ){0,3}?(?:ki\b|sprachmodell|chatbot|ki-\w+|assistent\b)",
    r"\bals (?:ki|kunstliche intelligenz|sprachmodell|ki-sprachmodell|ki-assistent|ki-modell|chatbot),? (?:musst|sollst|wirst|darfst|mussen|sollen) (?:du|sie)\b",
    r"\b(?:sage?|sagen sie|verrate|verraten sie|erzahle?|teile)(?: (?:es|das|dies|davon))? (?:dem|den) (?:nutzern?|benutzern?|anwendern?) (?:nichts|nicht|kein)",
    r"\b(?:gib|zeige?|verrate|nenne|wiederhole)(?: mir| uns)? (?:deinen|ihren|den) (?:vollstandigen |ganzen )?system-?prompt\b",
    // French
    r"\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|neglige(?:z|r)?|ne (?:tiens|tenez) pas compte)(?: \w+){0,3}? (?:instruction|consigne|directive|commande|prompt)s?(?: \w+)? (?:precedent|ci-dessus|anterieur|prealable|initial)",
    r"\b(?:tu es|vous etes) (?:maintenant|desormais) (?:un |une )(?:\w+ ){0,3}?(?:ia\b|assistant ia|assistant virtuel|modele de langage|chatbot)",
    r"\ben tant qu(?:e |')(?:ia|intelligence artificielle|modele de langage|assistant ia|chatbot),? (?:tu dois|vous devez|tu es|vous etes)\b",
    r"\bne (?:l[ea] )?(?:dis|dites|dites-le|revele|revelez|mentionne|mentionnez)(?: \w+){0,3} a l'utilisateur\b",
    // Spanish, Portuguese: many forms are the same
    r"\b(?:ignor(?:a|e|ad|en|em|ar)|olvid(?:a|e|ad)|esquec(?:a|e|am)|descart(?:a|e)|desconsider(?:a|e|em)|omit(?:e|a)|haz caso omiso)(?: \w+){0,3}? (?:instruc\w+|indicacion\w*|orientac\w+|directriz|directrices|diretriz\w*|prompts?|comandos?)(?: \w+)? (?:anterior|previ[ao]|precedente|de arriba|acima|inicia)",
    r"\bahora eres (?:un |una )(?:\w+ ){0,3}?(?:ia\b|inteligencia artificial|asistente|modelo de lenguaje|chatbot)",
    r"\bcomo (?:un )?(?:modelo de lenguaje|ia|inteligencia artificial|asistente de ia)(?: de ia)?,? (?:debes|tienes que|debe|eres)\b",
    r"\bno (?:le |se lo |les )?(?:digas?|reveles?|mencion[ea]s?|informes?)(?: \w+){0,3}? al usuario\b",
    r"\b(?:agora voce e|voce agora e|agora es) (?:um |uma )(?:\w+ ){0,3}?(?:ia\b|inteligencia artificial|assistente|modelo de linguagem|chatbot)",
    r"\bcomo (?:um )?(?:modelo de linguagem|ia|inteligencia artificial|assistente de ia)(?: de ia)?,? (?:voce deve|deves|tem de|tens de)\b",
    r"\bnao (?:diga|conte|revele|mencione|informe)(?: \w+){0,3}? ao (?:usuario|utilizador)\b",
    // Italian
    r"\b(?:ignor(?:a|ate|i|are)|dimentic(?:a|ate|hi)|trascur(?:a|ate|i)|non considerare)(?: \w+){0,3}? (?:istruzion[ei]|indicazion[ei]|direttiv[ae]|comand[oi]|prompt)(?: \w+)? (?:precedent[ei]|di cui sopra|sopra|anteriori|iniziali)\b",
    r"\b(?:ignor(?:a|ate|i)|dimentic(?:a|ate|hi))(?: \w+){0,2}? precedenti (?:istruzioni|indicazioni|direttive|prompt)\b",
    r"\b(?:ora|adesso) sei (?:un |una |un')(?:\w+ ){0,3}?(?:ia\b|intelligenza artificiale|assistente|modello linguistico|chatbot)",
    r"\bcome (?:modello linguistico|modello di linguaggio|ia|intelligenza artificiale|assistente ia),? (?:devi|deve)\b",
    r"\bnon (?:dire|dirlo|rivelare|rivelarlo|menzionare)(?: \w+){0,3}? all'utente\b",
    // Dutch
    r"\b(?:negeer|vergeet)(?: \w+){0,3}? (?:vorige|voorgaande|eerdere|bovenstaande|voorafgaande|oorspronkelijke)(?: \w+)? (?:instructies?|aanwijzing(?:en)?|opdracht(?:en)?|prompts?|richtlijn(?:en)?)\b",
    r"\b(?:je bent|u bent) (?:nu|vanaf nu) een (?:\w+ ){0,3}?(?:ai\b|taalmodel|chatbot|ai-\w+|assistent\b)",
    r"\bals (?:ai|taalmodel|ai-taalmodel|ai-assistent|ai-model|kunstmatige intelligentie) (?:moet|dien|zul|mag) (?:je|u)\b",
    r"\b(?:vertel|zeg|meld) (?:(?:dit |het |hier )?niets?t? (?:\w+ )?(?:aan|tegen) de gebruiker|(?:aan )?de gebruiker (?:hier )?(?:niets|niet))\b",
];
