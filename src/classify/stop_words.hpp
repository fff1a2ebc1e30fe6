#pragma once

/// Function words and the commonest verbs of the languages that guess_language tells apart by
/// words.

#include <array>

namespace earshot {

struct StopWords {
  const char* language;
  const char* words;  ///< folded, blank-separated
};
/// Function words and the commonest verbs. A word that several languages share counts less.
inline constexpr std::array kStopWords{
    StopWords{"en",
              "the a an and or but if of to in on at by for from with without into about is are "
              "was were be been being am i'm it's "
              "i you he she we they me him her us them my your his our their this that these those "
              "it its not no don't doesn't didn't "
              "isn't wasn't can't cannot won't can could will would should shall may must do does "
              "did have has had having what when where "
              "which who whom whose why how there here than then so just very too also more most "
              "some any all each every never ever "
              "always again still yet only please thanks thank after before over under out up down "
              "off because while get got getting "
              "i've i'd you're we're they're that's what's there's since until been nothing anyone "
              "nobody someone like really today"},
    StopWords{"de",
              "der die das den dem des ein eine einen einem einer und oder aber wenn nicht kein "
              "keine keinen ist sind war waren sein wird "
              "werden wurde hat haben hatte habe ich du er sie es wir ihr mich mir dich dir uns "
              "euch mein meine meinen meiner ihre ihren "
              "mit von zu zum zur auf aus bei nach seit vor für über unter durch gegen ohne um an "
              "am im auch noch schon nur sehr wie was "
              "wer wo warum wann so als dass weil doch mal immer wieder nie heute jetzt bitte "
              "danke kann können muss soll gibt mehr alle "
              "alles nichts jemand niemand endlich leider keiner sich"},
    StopWords{"es",
              "el la los las un una unos unas y o pero si no de del al a en con sin por para que "
              "qué como cómo cuando cuándo donde dónde "
              "quien quién es son era fue ser estar está están estoy soy he ha han había me te se "
              "le les lo nos mi mis tu su sus este esta "
              "esto ese esa eso yo él ella nosotros ustedes muy más menos ya todavía también "
              "siempre nunca nada nadie algo todo toda todos "
              "porque desde hasta hace gracias favor hoy ayer cuál tiene tengo tienen llevo sigo "
              "sobre entre puedo pueden hay"},
    StopWords{"fr",
              "le la les un une des du de d et ou mais si ne pas plus rien jamais est sont était "
              "être suis avez avons ont a ai as au aux en "
              "dans sur sous avec sans pour par que qui quoi quand où comment pourquoi ce cet "
              "cette ces c'est j'ai je tu il elle nous vous "
              "ils elles me te se mon ma mes ton ta tes son sa ses notre votre vos nos leur très "
              "trop aussi encore toujours depuis merci "
              "bonjour aucun aucune tout tous toute fait faire n'est qu'il y s'il plaît chez "
              "personne j'attends d'un d'une l"},
    StopWords{"it",
              "il lo la i gli le un uno una e o ma se non di del della dei delle da dal in nel "
              "nella con senza su sul per tra fra che chi "
              "come quando dove perché è sono era essere ho hai ha abbiamo avete hanno mi ti si ci "
              "vi mio mia miei tuo suo sua nostro vostro "
              "questo questa quello quella io lui lei noi voi loro molto più meno già ancora anche "
              "sempre mai niente nulla nessuno tutto "
              "tutti grazie prego oggi ieri sto stato stata da' vostra dopo prima cosa quanto"},
    StopWords{"pt",
              "o os a as um uma uns umas e ou mas se não de do da dos das em no na nos nas com sem "
              "por para pelo pela que quem como quando "
              "onde é são era foi ser estar está estão estou sou tem tenho têm me te lhe meu minha "
              "meus minhas seu sua este esta isso isto "
              "eu ele ela nós vocês você muito mais menos já ainda também sempre nunca nada "
              "ninguém tudo todos porque desde até há obrigado "
              "obrigada favor hoje ontem agora mês fui só sobre entre pode quero vocês"},
    StopWords{"nl",
              "de het een en of maar als niet geen is zijn was waren ben bent wordt worden heeft "
              "hebben had heb ik jij je hij zij ze wij we "
              "jullie u mij me hem haar ons hun mijn jouw uw onze met van te tot op uit bij naar "
              "sinds voor over onder door tegen zonder om "
              "aan in ook nog al alleen zeer hoe wat wie waar waarom wanneer dan dat die dit deze "
              "omdat toch weer nooit altijd vandaag nu "
              "kan kunnen moet meer alle alles niets iemand niemand bedankt graag er al"},
    StopWords{"pl",
              "i w z na do od po za o u nie tak jest są był była było być mam masz ma mamy macie "
              "mają ja ty on ona my wy oni mnie mi ci się "
              "mój moja moje twój jego jej nasz wasz ten ta to te co kto jak kiedy gdzie dlaczego "
              "czy ale lub albo bo że żeby już jeszcze "
              "też także zawsze nigdy nic nikt wszystko dla bez przez przed pod nad dzień dziękuję "
              "proszę dzisiaj teraz bardzo tylko ani"},
    StopWords{"tr",
              "ve veya ama fakat bir bu şu o ben sen biz siz onlar benim senin bizim sizin bana "
              "sana bize size ne kim nasıl neden niye "
              "nerede zaman değil yok var mi mı mu mü için ile gibi kadar daha çok az hiç her hep "
              "hâlâ hala artık bile da de ki en sonra "
              "önce şimdi bugün teşekkürler teşekkür lütfen kimse olarak oldu olan oluyor aynı gün "
              "gündür yine"},
    StopWords{"sv",
              "och eller men om inte ingen inget är var vara varit har hade jag du han hon vi ni "
              "de mig dig oss er min mitt mina din sin "
              "med av till på ut hos från sedan för över under genom mot utan att som en ett den "
              "det detta dessa också ännu redan bara "
              "mycket hur vad vem var varför när så då därför aldrig alltid igen idag nu kan måste "
              "mer alla allt någon tack snälla"},
    StopWords{"hi-Latn",
              "hai hain ho hu hoon tha thi the nahi nahin mat kya kyu kyun kaise kab kahan kaun "
              "mera meri mere tera teri tumhara aap aapka "
              "aapki aapke hum humara mujhe mujhko ko ka ki ke se mein par lekin aur ya bhi abhi "
              "ab phir fir toh to raha rahi rahe kar karo "
              "karna karte karta kiya gaya gayi gaye diya liya hua hui hue koi kuch sab bahut "
              "bohot accha acha paisa paise bhai yaar wala "
              "wali jaldi jawab baar din se nhi kr rha rhi krdo kardo dijiye apna apni"}};

}  // namespace earshot
