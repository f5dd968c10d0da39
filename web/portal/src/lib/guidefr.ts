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
  'Words of the title, in any language': 'Mots du titre, dans toutes les langues',
  'Words of the file name': 'Mots du nom de fichier',
  'Family of the file: image, video, audio, document, other':
    'Famille du fichier : image, video, audio, document, other',
  'File format: the second half of the media type': 'Format du fichier : la seconde moitié du type de média',
  'Review state of the newest version: draft, in_review, approved, rejected, archived':
    'État de validation de la dernière version : draft (brouillon), in_review (en revue), approved (approuvé), rejected (rejeté), archived (archivé)',
  'live: the public sees a version today; published: it has been approved once; placed: it has a place on the map':
    'live : le public voit une version aujourd’hui ; published : approuvé au moins une fois ; placed : situé sur la carte',
  'yes: the public sees a version of it today: yes, no':
    'yes : le public en voit une version aujourd’hui ; no : aucune',
  'Shape of the picture: landscape, portrait, square':
    'Forme de l’image : landscape (paysage), portrait, square (carré)',
  'A tag, or a branch of tags': 'Un mot-clé, ou une branche de mots-clés',
  'A linked product': 'Un produit lié',
  'A collection, by name or id': 'Une collection, par nom ou identifiant',
  'Who made it, as credited': 'L’auteur, tel que crédité',
  'Who added it, by name or id': 'Qui l’a ajouté, par nom ou identifiant',
  'How far the renditions of the newest version are: pending, ready, failed, none':
    'Où en sont les déclinaisons de la dernière version : pending, ready, failed, none',
  'Countries the rights cover; no country named means all': 'Pays couverts par les droits ; aucun pays nommé : tous',
  'The field is filled in: title, description, alt, caption, tags, creator, copyright, taken, place, focal, sku, rights, collection, rating':
    'Le champ est rempli : title, description, alt, caption, tags, creator, copyright, taken, place, focal, sku, rights, collection, rating',
  Pixels: 'Pixels',
  'Bytes of the file; kB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024':
    'Octets du fichier ; kB, MB, GB sont des puissances de 1000, KiB, MiB, GiB de 1024',
  'Stars, 1 to 5': 'Étoiles, de 1 à 5',
  'Number of the newest version': 'Numéro de la dernière version',
  "When it was taken, by the camera's clock": 'Prise de vue, à l’heure de l’appareil',
  'When it was added': 'Date d’ajout',
  'When it was last changed': 'Dernière modification',
  'First day of the rights': 'Premier jour des droits',
  'Last day of the rights': 'Dernier jour des droits',
  'The field is empty': 'Le champ est vide',
  'Taken within a distance of a place (latitude, longitude, distance)':
    'Pris à une distance d’un lieu (latitude, longitude, distance)',
  'One asset': 'Un seul média',
  facet: 'filtre',
};
