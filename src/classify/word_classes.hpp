#pragma once

/// Small classes of words for the style block: what kind of sentence this is, in any of the
/// languages. Pure data, part of the features: a change here is a change of kFeaturesVersion.

#include <array>
#include <cstdint>

namespace earshot {

enum WordClass : std::uint32_t {
  kNegation = 1U << 0U,
  kFirstPerson = 1U << 1U,
  kSecondPerson = 1U << 2U,
  kTime = 1U << 3U,
  kRequest = 1U << 4U,
  kThanks = 1U << 5U,
  kProblem = 1U << 6U,
  kPraise = 1U << 7U,
  kQuestion = 1U << 8U,
  kAgain = 1U << 9U,
  kMoney = 1U << 10U,
  kService = 1U << 11U,
};
inline constexpr std::size_t kWordClasses = 12;
inline constexpr std::array<const char*, kWordClasses> kClassNames{
    "negation",       "first person",     "second person",   "waiting time",
    "a request",      "thanks",           "a problem",       "praise",
    "question words", "repetition words", "money or a bill", "customer service words"};

struct ClassWords {
  WordClass of;
  const char* words;  ///< as the features see them: folded, digits as 0
};
inline constexpr std::array kClassWords{
    ClassWords{kNegation,
               "no not never nothing nobody none nor without cannot can't cant don't dont doesn't "
               "doesnt didn't didnt won't wont isn't isnt "
               "wasn't wasnt aren't haven't havent hasn't hasnt couldn't wouldn't shouldn't ain't "
               "nicht kein keine keinen nie niemand nichts "
               "keiner ohne no nunca nada nadie sin ni pas jamais rien aucun aucune personne non "
               "mai niente nessuno senza não nunca ninguém "
               "sem niet geen nooit niemand nahi nahin nhi koi yok değil hiç"},
    ClassWords{
        kFirstPerson,
        "i i'm im i've ive i'd me my mine myself we we're we've us our ours ich mir mich mein "
        "meine meinen meiner wir uns unser unsere "
        "yo me mi mis nos nuestro nuestra je j'ai j' m' moi mon ma mes nous notre io mio mia miei "
        "mi ho noi nostro eu meu minha meus "
        "minhas nós ik mij mijn wij we ons onze mera meri mere mujhe main mein hum ben benim bana"},
    ClassWords{kSecondPerson,
               "you your yours you're youre you've u ur yall y'all du dein ihr euer euch sie ihre "
               "ihren ihnen tu tus usted ustedes vuestro su "
               "vous votre vos toi ton ta te tes lei suo vostro vostra você vocês seu sua jij je "
               "jullie uw u aap aapka aapki aapke tum siz "
               "sizin"},
    ClassWords{kTime,
               "hour hours hr hrs minute minutes min mins day days week weeks month months year "
               "years yesterday monday tuesday wednesday "
               "thursday friday saturday sunday since ago waiting wait waited long still yet "
               "stunde stunden tag tage tagen woche wochen monat "
               "monate monaten seit warte warten gestern día días hora horas semana semanas mes "
               "meses desde espero esperando jour jours heure "
               "heures semaine semaines mois depuis attends giorno giorni ora ore settimana "
               "settimane mese mesi aspetto dia dias mês esperando "
               "há dag dagen uur weken week maand maanden wacht sinds din hafte mahine ghante gün "
               "gündür hafta saat"},
    ClassWords{kRequest,
               "please pls plz help fix want need require sort resolve refund explain call contact "
               "dm bitte hilfe hilft helfen will möchte "
               "favor ayuda quiero necesito solucionen svp aide voudrais veux remboursez aiuto "
               "vorrei voglio ajuda quero preciso resolvam "
               "help graag wil kripya madad jaldi karo lütfen yardım"},
    ClassWords{kThanks,
               "thanks thank thx ty cheers grateful appreciate appreciated danke vielen dank "
               "gracias merci grazie obrigado obrigada bedankt "
               "dank dankjewel shukriya dhanyavaad dhanyawad teşekkürler teşekkür"},
    ClassWords{kProblem,
               "broken broke fail fails failed failing failure error errors issue issues problem "
               "problems down fault faulty crash crashes "
               "crashed crashing missing lost late delayed delay wrong damaged useless terrible "
               "awful worst disgusting disgrace disgraceful "
               "shocking appalling pathetic ridiculous unacceptable rubbish joke poor bad horrible "
               "scam stuck ignored cancelled canceled "
               "overcharged charged rude dead kaputt defekt fehler störung ausfall schlecht "
               "unverschämt frechheit katastrophe inakzeptabel "
               "lächerlich unfassbar verspätet roto rota averiado falla fallo problema error "
               "pésimo pésima vergüenza horrible estafa perdido "
               "cobrado panne cassé problème erreur inadmissible honte scandaleux nul arnaque "
               "retard facturé guasto rotto problema vergogna "
               "pessimo inaccettabile truffa ritardo quebrado defeito problema péssimo horrível "
               "vergonha absurdo atraso golpe kapot storing "
               "probleem slecht schande belachelijk kharab bekar ghatiya problem dhokha bakwas "
               "bozuk arıza sorun rezalet berbat kötü"},
    ClassWords{kPraise,
               "great good love loved loving awesome amazing excellent perfect brilliant best "
               "happy fantastic wonderful superb nice proud "
               "congratulations congrats beautiful super toll klasse prima genial excelente genial "
               "mejor feliz génial excellent parfait "
               "meilleur ottimo perfetto bravo bravi ótimo excelente melhor geweldig top goed fijn "
               "badhiya mast accha harika süper mükemmel"},
    ClassWords{kQuestion,
               "how what when where which who why does do is are can could anyone wie was wann wo "
               "wer warum kann cómo cuál cuándo dónde qué "
               "comment quand où quel quelle pourquoi come quando dove quale perché como qual onde "
               "quando hoe wat waar wanneer waarom kaise "
               "kya kab kahan nasıl ne nerede neden"},
    ClassWords{kAgain,
               "again another third second fourth fifth times twice constantly always repeatedly "
               "wieder schon erneut immer mal zweite dritte "
               "otra vez veces siempre encore fois toujours ancora volta volte sempre outra vez "
               "vezes sempre weer alweer keer altijd baar "
               "phir fir yine hep kez"},
    ClassWords{
        kMoney,
        "refund refunded money bill billed billing charge paid pay payment cost costs fee fees "
        "price account geld rechnung bezahlt "
        "erstattung dinero factura pagado reembolso argent facture payé remboursement remboursé "
        "soldi fattura pagato rimborso dinheiro "
        "fatura paguei reembolso geld rekening betaald terugbetaling paisa paise para fatura iade"},
    ClassWords{kService,
               "customer service support helpline agent agents staff team call calls called email "
               "emails emailed phone chat answer answers "
               "answered reply replies replied response respond kundenservice support hotline "
               "mitarbeiter antwort antwortet anrufe atención "
               "cliente responde respuesta teléfono service client réponse répond assistenza "
               "servizio cliente risponde risposta atendimento "
               "suporte responde resposta klantenservice antwoord reactie reageert jawab seva "
               "destek müşteri cevap"}};

}  // namespace earshot
