"""Words that are too common to be found: articles, pronouns, prepositions, auxiliaries.

Only function words, so that no word which says what a text is about is lost. A word of a language
without a list is found, and weighs little if it is common.
"""

_WORDS = {
    "ar": """
        من في على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين هو هي هم هن نحن انا أنا أنت انت ما
        لا لم لن ان أن إن كان كانت يكون قد كل أو او ثم بل لكن حتى إذا اذا بعد قبل بين عند كما أي
        اي ايضا أيضا هل كيف متى أين اين ماذا لماذا و ف ب ل ك
        """,
    "bg": """
        и в във на за от с със по до при към о об из без над под през след преди между че да не се
        си е са съм сме сте бе беше бях бяха ще би аз ти той тя то ние вие те му ѝ им ги го я ми
        ни ви този тази това тези онзи който която което които кой коя какво как къде кога защо ли
        но или ако а само още вече също
        """,
    "ca": """
        el la els les un una uns unes de del dels a al als en amb per pel pels i o ni que qui què
        com quan on és són era eren ser estar ha han he hem no sí es se em et ens us li ho hi
        aquest aquesta aquests aquestes aquell aquella això allò meu teu seu molt més menys ja
        també però si
        """,
    "cs": """
        a i o u v ve k ke s se z ze na do od po pro při před přes za nad pod bez mezi že aby jak
        jako když nebo ani ale je jsou jsem jsi jsme jste byl byla bylo byli být bude budou by
        bych ne ano já ty on ona ono my vy oni ho mu ji jí jim jich mě mi tě ti si ten ta to tento
        tato toto tyto který která které kteří kdo co kde kdy proč jaký kolik již už ještě také
        jen
        """,
    "da": """
        og i at det den de en et er var være været har havde have på af til for med om fra ved som
        der men eller så hvis når ikke jeg du han hun vi dem mig dig sig os jer min din sin hans
        hendes vores deres dette denne disse hvad hvem hvor hvornår hvorfor hvordan hvilken
        hvilket hvilke kan kunne skal skulle vil ville må blev blive bliver end også nu over under
        efter før mellem
        """,
    "de": """
        der die das des dem den ein eine einer eines einem einen und oder aber denn als wie wenn
        dass daß ob weil in im an am auf aus bei beim mit nach von vom zu zum zur für über unter
        vor hinter zwischen durch gegen ohne um bis seit ist sind war waren bin bist sein wird
        werden wurde wurden hat haben hatte hatten kann können muss müssen soll sollen will wollen
        darf ich du er sie es wir ihr mich dich sich uns euch ihm ihn ihnen mir dir mein dein
        unser euer ihre ihrer ihrem ihren seine seiner seinem seinen dieser diese dieses diesem
        diesen jener jene jenes welcher welche welches welchem welchen wer wen wem was wo wann
        warum wieso nicht kein keine keiner keines keinem keinen auch noch nur schon so da dann
        dort hier sehr man
        """,
    "el": """
        ο η το οι τα του της των τον την τις τους ένας μια μία ένα ενός μιας και ή αλλά σε στο στη
        στην στον στα στις στους από με για ως προς κατά μετά πριν χωρίς είναι ήταν είμαι είστε
        είμαστε έχει έχουν είχε είχαν θα να δεν μην μη που πού πως πώς πότε γιατί ποιος ποια ποιο
        ποιοι ποιες τι ότι όταν αν εάν αυτός αυτή αυτό αυτοί αυτές αυτά εγώ εσύ εμείς εσείς μου
        σου μας σας όπως ενώ επίσης πιο πολύ κάθε
        """,
    "en": """
        a an the and or but nor so yet if then than that this these those there here of in on at
        by for with from to into onto upon about over under between through during before after
        above below against within without as is am are was were be been being do does did doing
        done have has had having can could will would shall should may might must not no i me my
        mine we us our ours you your yours he him his she her hers it its they them their theirs
        who whom whose which what when where why how such very too also just only own same some
        any each both all more most other because while until s t d ll m re ve don didn doesn isn
        aren wasn weren
        """,
    "es": """
        el la los las lo un una unos unas de del a al en con por para sin sobre entre hasta desde
        hacia según y e o u ni pero sino que qué quien quién quienes cual cuál cuales cuáles como
        cómo cuando cuándo donde dónde cuanto cuánto cuántos cuántas es son era eran fue fueron
        ser sido está están estaba estaban estar ha han había habían haber he hemos no sí se me te
        nos os le les mi mis tu tus su sus nuestro nuestra vuestro este esta esto estos estas ese
        esa eso esos esas aquel aquella yo tú él ella ello nosotros vosotros ellos ellas usted
        ustedes muy más menos ya también si porque
        """,
    "et": """
        ja või aga kui et see need on oli olid olema ei ka ma sa ta me te nad mina sina tema meie
        teie nemad mis kes kus millal miks kuidas milline kas ning siis ju veel juba
        """,
    "fa": """
        و در به از که این آن با را برای است بود شد می های ها یک تا بر هم نیز یا اما اگر هر چه چرا
        کجا کی چگونه من تو او ما شما آنها ایشان خود نه
        """,
    "fi": """
        ja tai mutta kun jos että on oli ovat olivat olla ollut ei en et emme ette eivät hän se he
        ne minä sinä me te tämä tuo nämä nuo joka jotka mikä mitkä kuka mitä missä milloin miksi
        miten kuinka myös vain niin kuin vielä jo sekä sen sitä siitä siinä sille
        """,
    "fr": """
        le la les l un une des de du d au aux à en dans par pour sur sous avec sans entre vers
        chez et ou où ni mais donc car que qu qui quoi quel quelle quels quelles dont quand
        comment pourquoi combien est sont était étaient être ai as a avons avez ont avait avaient
        avoir ne n pas plus se s me m te t nous vous je j tu il elle on ils elles lui leur leurs
        mon ma mes ton ta tes son sa ses notre nos votre vos ce c cet cette ces cela ceci ça y
        aussi si très comme
        """,
    "he": """
        של את על עם אל כי או גם אם לא כן זה זאת זו אלה הוא היא הם הן אני אתה אנחנו אתם יש אין היה
        היתה היו להיות מה מי איפה מתי למה איך כמה אשר כל רק עוד כבר אבל ב ל מ ו ה ש כ
        """,
    "hi": """
        का के की में से को ने पर और या है हैं था थे थी हो यह वह ये वे इस उस इन उन जो कि तो भी ही
        नहीं न एक कौन क्या कब कहाँ कहां क्यों कैसे कितने कितना कर किया करने करता करते लिए साथ अपने
        अपना अपनी हम तुम आप मैं
        """,
    "hu": """
        a az egy és vagy de hogy ha is nem igen van vannak volt voltak lesz lenni én te ő mi ti ők
        ez ezek azok aki akik ami amik amely melyik ki mit hol mikor miért hogyan mennyi meg már
        még csak mint be le fel
        """,
    "id": """
        dan atau yang di ke dari pada untuk dengan dalam oleh ini itu adalah ialah akan telah
        sudah tidak bukan saya kamu anda dia mereka kami kita apa siapa kapan mana mengapa
        bagaimana berapa juga bahwa karena
        """,
    "it": """
        il lo la i gli le l un uno una di del dello della dei degli delle d a al allo alla ai agli
        alle da dal dallo dalla dai dagli dalle in nel nello nella nei negli nelle con su sul
        sullo sulla sui sugli sulle per tra fra e ed o od ma che chi cui quale quali quanto quanti
        quando come dove perché è sono era erano essere ha hanno aveva avevano avere non si mi ti
        ci vi li ne io tu lui lei noi voi loro mio tuo suo nostro vostro questo questa questi
        queste quello quella quelli quelle anche più se
        """,
    "nl": """
        de het een en of maar want dat die dit deze in op aan bij met van voor naar uit over onder
        tussen door tegen zonder om tot is zijn was waren ben bent wordt worden werd werden heeft
        hebben had hadden kan kunnen moet moeten zal zullen wil ik jij je hij zij ze wij we jullie
        u mij me hem haar ons hun mijn jouw onze wie wat waar wanneer waarom hoe welk welke niet
        geen ook nog al er als dan te
        """,
    "no": """
        og i at det den de en et ei er var være vært har hadde ha på av til for med om fra ved som
        men eller så hvis når ikke jeg du han hun vi dem meg deg seg oss min din sin hans hennes
        vår deres dette denne disse hva hvem hvor hvorfor hvordan hvilken hvilket hvilke kan kunne
        skal skulle vil ville må ble bli blir enn også nå over under etter før mellom
        """,
    "pl": """
        a i o u w we z ze na do od po dla przy przez przed nad pod bez między że żeby aby jak jako
        gdy kiedy lub albo ani ale jest są jestem był była było byli być będzie będą by nie tak ja
        ty on ona ono my wy oni one go mu jej im ich mnie mi ci się ten ta to te tego tej tym tych
        który która które którzy kto co gdzie dlaczego jaki jaka jakie ile już jeszcze też także
        tylko czy
        """,
    "pt": """
        o a os as um uma uns umas de do da dos das em no na nos nas ao à aos às por pelo pela
        pelos pelas para com sem sobre entre até desde e ou nem mas que quem qual quais como
        quando onde quanto quantos porque é são era eram foi foram ser sido está estão estava
        estar há tem têm tinha ter não sim se me te lhe lhes vos eu tu ele ela nós eles elas você
        vocês meu minha teu seu sua seus suas nosso este esta isto estes estas esse essa isso
        aquele aquela muito mais já também
        """,
    "ro": """
        și si sau dar că ca să sa de la în in pe cu din pentru prin după până fără între este e
        sunt era erau fi fost a ai au am are avea nu da se s își îi l o le lui ei lor eu tu el ea
        noi voi un unui unei cel cea cei cele acest această acești aceste acel care ce cine când
        unde cum cât câți câte mai tot dacă
        """,
    "ru": """
        и в во не что он на я с со как а то все всё она так его но да ты к у же вы за бы по ее её
        мне было вот от меня еще ещё нет о об из ему ли или ни быть был была были него до вас
        нибудь вам ведь там потом себя ей они тут где есть надо ней для мы тебя их чем сам чтоб
        чтобы без будто при кто этот эта это эти того этого этой этом этих тот та те той том тех
        какой какая какое какие каким который которая которое которые которого которой которых
        когда почему зачем сколько если над под через между после перед про свой своя свое своё
        свои мой моя мое моё мои наш ваш будет будут является являются также только
        """,
    "sk": """
        a i o u v vo k ku s so z zo na do od po pre pri pred cez za nad pod bez medzi že aby ako
        keď alebo ani ale je sú som si sme ste bol bola bolo boli byť bude budú by nie áno ja ty
        on ona ono my vy oni ho mu ju jej im ich ma mi ťa ti sa ten tá to tí tie tento táto toto
        tieto ktorý ktorá ktoré ktorí kto čo kde kedy prečo aký koľko už ešte tiež len
        """,
    "sv": """
        och i att det den de en ett är var vara varit har hade ha på av till för med om från vid
        som men eller så när inte jag du han hon vi dem mig dig sig oss er min din sin hans hennes
        vår deras detta denna dessa vad vem varför hur vilken vilket vilka kan kunde ska skall
        skulle vill ville må blev bli blir än också nu över under efter före mellan
        """,
    "tr": """
        ve veya ya da de ile için bir bu şu o ben sen biz siz onlar ki mi mı mu mü ne kim nerede
        nasıl neden niçin hangi kaç değil var yok olan olarak gibi kadar daha çok en her ise ama
        fakat ancak çünkü eğer dir dır
        """,
    "uk": """
        і й та в у во не що він на я з зі із як а то все вона так його але ти до к ж же ви за б би
        по її мені було від мене ще ні немає о об про йому чи або бути був була були нього вас вам
        там потім себе їй вони тут де є треба для ми тебе їх чим сам щоб без при хто цей ця це ці
        того цього цієї тим тих той те який яка яке які якого якої яких коли чому скільки якщо над
        під через між після перед свій своя своє свої мій моя наш ваш буде будуть також тільки
        """,
    "vi": """
        và hoặc là của cho với từ đến ở trong trên dưới tại các những một này đó kia không có đã
        sẽ đang được bị thì mà nhưng nếu khi vì như tôi bạn anh chị nó họ chúng ta ai gì nào đâu
        sao cũng
        """,
}

_SETS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_NONE: frozenset[str] = frozenset()


def is_stop_word(folded: str, language: str) -> bool:
    """Return whether a folded word is a stop word in a language."""
    return folded in _SETS.get(language, _NONE)
