/** What somebody who is given a package reads first. */
export const README = `This is a package of conversations from GoRunChat.

manifest.json     every other file, with its size and its SHA-256
manifest.note     the signature over manifest.json
statement.ndjson  which conversations there are of each person or site that was asked for,
                  with the number of their records from the first to the last, and which of
                  them are in this package; the last line is signed
conversations/    a folder for each conversation:
  records.ndjson    every record with its proof: this is what is proved
  files/            the files that were sent in it
  conversation.html, conversation.eml, YYYY-MM-DD.rsmf
                    the same in other forms, where they were ordered
messages.csv      all messages as one table, where it was ordered

What was erased is here with its records, and without what they said.

To check it, with Node 24 and the file that every deployment of GoRunChat has at /verify.mjs:

    node verify.mjs PACKAGE.zip

or with a copy of GoRunChat (gorunchat verify PACKAGE.zip), or in a browser, with the page that
every deployment has at /verify and that can be saved. None of them needs a server or sends
anything. Have them from somebody you trust; what comes with a package cannot vouch for the
package.

"Intact" means that every file is as it was signed, that no record of a conversation that is
here was altered, left out or added, and that the statement is whole. To trust one public key
only, and not those that are named in here, give it with --key.

A package whose name ends with .age is opened first, by whoever has the key of its recipient:

    age --decrypt -i KEY.txt -o PACKAGE.zip PACKAGE.zip.age
`;
