"""Languages of ISO 639-1: codes and English names."""

from collections.abc import Iterable

_TABLE = """
    aa Afar; ab Abkhazian; ae Avestan; af Afrikaans; ak Akan; am Amharic; an Aragonese; ar Arabic;
    as Assamese; av Avaric; ay Aymara; az Azerbaijani; ba Bashkir; be Belarusian; bg Bulgarian;
    bi Bislama; bm Bambara; bn Bengali; bo Tibetan; br Breton; bs Bosnian; ca Catalan; ce Chechen;
    ch Chamorro; co Corsican; cr Cree; cs Czech; cu Church Slavonic; cv Chuvash; cy Welsh;
    da Danish; de German; dv Divehi; dz Dzongkha; ee Ewe; el Greek; en English; eo Esperanto;
    es Spanish; et Estonian; eu Basque; fa Persian; ff Fulah; fi Finnish; fj Fijian; fo Faroese;
    fr French; fy Western Frisian; ga Irish; gd Scottish Gaelic; gl Galician; gn Guarani;
    gu Gujarati; gv Manx; ha Hausa; he Hebrew; hi Hindi; ho Hiri Motu; hr Croatian;
    ht Haitian Creole; hu Hungarian; hy Armenian; hz Herero; ia Interlingua; id Indonesian;
    ie Interlingue; ig Igbo; ii Sichuan Yi; ik Inupiaq; io Ido; is Icelandic; it Italian;
    iu Inuktitut; ja Japanese; jv Javanese; ka Georgian; kg Kongo; ki Kikuyu; kj Kuanyama;
    kk Kazakh; kl Kalaallisut; km Khmer; kn Kannada; ko Korean; kr Kanuri; ks Kashmiri; ku Kurdish;
    kv Komi; kw Cornish; ky Kyrgyz; la Latin; lb Luxembourgish; lg Ganda; li Limburgish; ln Lingala;
    lo Lao; lt Lithuanian; lu Luba-Katanga; lv Latvian; mg Malagasy; mh Marshallese; mi Maori;
    mk Macedonian; ml Malayalam; mn Mongolian; mr Marathi; ms Malay; mt Maltese; my Burmese;
    na Nauru; nb Norwegian Bokmål; nd North Ndebele; ne Nepali; ng Ndonga; nl Dutch;
    nn Norwegian Nynorsk; no Norwegian; nr South Ndebele; nv Navajo; ny Chichewa; oc Occitan;
    oj Ojibwa; om Oromo; or Odia; os Ossetian; pa Punjabi; pi Pali; pl Polish; ps Pashto;
    pt Portuguese; qu Quechua; rm Romansh; rn Rundi; ro Romanian; ru Russian; rw Kinyarwanda;
    sa Sanskrit; sc Sardinian; sd Sindhi; se Northern Sami; sg Sango; si Sinhala; sk Slovak;
    sl Slovenian; sm Samoan; sn Shona; so Somali; sq Albanian; sr Serbian; ss Swati;
    st Southern Sotho; su Sundanese; sv Swedish; sw Swahili; ta Tamil; te Telugu; tg Tajik; th Thai;
    ti Tigrinya; tk Turkmen; tl Tagalog; tn Tswana; to Tonga; tr Turkish; ts Tsonga; tt Tatar;
    tw Twi; ty Tahitian; ug Uyghur; uk Ukrainian; ur Urdu; uz Uzbek; ve Venda; vi Vietnamese;
    vo Volapük; wa Walloon; wo Wolof; xh Xhosa; yi Yiddish; yo Yoruba; za Zhuang; zh Chinese;
    zu Zulu
"""

NAMES = dict(entry.split(maxsplit=1) for entry in _TABLE.strip().split(";"))
"""English name of each code, without withdrawn codes. Source: Library of Congress, ISO 639-2."""

CODES = frozenset(NAMES)

_CODES_BY_NAME = {name.casefold(): code for code, name in NAMES.items()}

# Withdrawn codes that are still in use, and the two written forms of Norwegian, which are not
# distinguished here.
_OTHER_NAMES = {"iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "nb": "no", "nn": "no"}


def normalise(tag: str | None) -> str | None:
    """Return the code of a BCP 47 tag such as `de-AT`, or None."""
    code = (tag or "").strip().replace("_", "-").partition("-")[0].lower()
    code = _OTHER_NAMES.get(code, code)
    return code if code in CODES else None


def describe_language(code: str) -> str:
    """Return the English name of a code, or an unknown code itself."""
    return NAMES.get(code, code)


def find_language(text: str) -> str | None:
    """Return the code of a tag such as `de-AT`, or of an English name in any case, or None."""
    return normalise(text) or _CODES_BY_NAME.get(text.strip().casefold())


def unknown_language_note(model: str, known: Iterable[str], what: str) -> str:
    """Return the warning that a model does not know a language; `what` says what is in which."""
    return (
        f"The embedding model {model} knows {' and '.join(map(describe_language, known))}; {what}."
        " Search by meaning will be weak, search by words works. Models such as bge-m3 and"
        " multilingual-e5-small know about 100 languages: set MIRAGE_OLLAMA_MODEL (in the chart"
        " config.ollama.model) to one of them, and the index is built again in the background,"
        " while searches go on."
    )
