/** The guide to queries in French, by the English line of docs/search.md. A line that is not here shows in English. */
export const french: Record<string, string> = {
  Words: 'Mots',
  Fields: 'Champs',
  'both words, anywhere: titles, descriptions, alt texts, captions, tags, creator, SKUs, file names':
    'les deux mots, n’importe où : titres, descriptions, textes alternatifs, légendes, mots-clés, auteur, SKU, noms de fichiers',
  'exactly these words, side by side': 'exactement ces mots, côte à côte',
  'words that begin so': 'les mots qui commencent ainsi',
  'without a word': 'sans un mot',
  'either; OR is written in capitals': 'l’un ou l’autre ; OR s’écrit en capitales',
  groups: 'groupes',
  'a SKU or file name, whole': 'un SKU ou un nom de fichier, en entier',
  'or any part of it': 'ou une partie de celui-ci',
  'or its beginning': 'ou son début',
  'approved pictures that are not public': 'images approuvées qui ne sont pas publiques',
  'tags are trees: nature includes nature/forest': 'les mots-clés sont des arbres : nature comprend nature/forest',
  'ranges include both ends, whole days, months, years': 'les bornes sont comprises, par jours, mois ou années entiers',
  'pictures without alt text or without caption': 'images sans texte alternatif ou sans légende',
  'rights that end within the next 30 days': 'droits qui se terminent dans les 30 jours',
  'taken near Paris, added in the last 7 days': 'pris près de Paris, ajoutés ces 7 derniers jours',
  'words of the title; of the file name': 'mots du titre ; du nom de fichier',
};
