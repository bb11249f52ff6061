import mongoose, { type mongo } from 'mongoose';
import { checkConcerns, checkUrl, InvalidUrl } from './url.js';

const { ReadConcern, ReadPreference, WriteConcern } = mongoose.mongo;
const options = { writeConcern: { w: 'majority', journal: true } } as const;
const checked = (url: string) => () => checkUrl(url, options);

describe('the URL of a MongoDB', () => {
  it.each([
    'http://127.0.0.1/',
    'mongodb://',
    'mongodb://user:secret@word@127.0.0.1/',
    'mongodb://user:secret%@127.0.0.1/',
    'mongodb://user:secret@127.0.0.1/?tls=perhaps',
  ])('is refused without being quoted: %s', (url) => {
    expect(checked(url)).toThrow(new InvalidUrl('is not a MongoDB URL'));
  });

  it.each([
    ['journal=false', 'journal'],
    ['j=false', 'j'],
    ['w=1', 'w'],
    ['w=majority', 'w'],
    ['wtimeout=1', 'wtimeout'],
    ['wtimeoutMS=1', 'wtimeoutms'],
    ['fsync=false', 'fsync'],
    ['writeConcern=1', 'writeconcern'],
    ['readConcern=local', 'readconcern'],
    ['readConcernLevel=local', 'readconcernlevel'],
    ['readPreference=secondary', 'readpreference'],
    ['readPreference=nearest&readPreferenceTags=dc:a&readPreferenceTags=', 'readpreference'],
    ['readPreferenceTags=dc:a', 'readpreferencetags'],
    ['maxStalenessSeconds=90', 'maxstalenessseconds'],
    ['JOURNAL=false', 'journal'],
    ['retryWrites=true&jOuRnAl=false', 'journal'],
    ['%6aournal=false', 'journal'],
    ['%4A=false', 'j'],
    ['jour\tnal=false', 'journal'],
    ['tls=true&%57=0', 'w'],
    ['w=1&w=majority', 'w'],
    ['w', 'w'],
  ])('may not weaken what the product goes by: ?%s', (query, option) => {
    const why = 'writes go to the journals of a majority, reads to the primary';
    for (const url of [`mongodb://user:secret@a,b:1/db?${query}`, `mongodb+srv://a.example.com/?${query}`]) {
      expect(checked(url)).toThrow(new InvalidUrl(`must not set ${option}: ${why}`));
    }
  });

  it.each(['raw=true', 'promoteValues=false', 'ignoreUndefined=true', 'useBigInt64=true', 'secret=1'])(
    'may not change what is read, or say what nobody knows: ?%s',
    (query) => {
      const refusal = new InvalidUrl('sets an option that is not one of how to connect');
      expect(checked(`mongodb://127.0.0.1/?${query}`)).toThrow(refusal);
    },
  );

  it.each(['a.b', '$x', 'a%20b', '%2F', 'a%22', 'x'.repeat(64)])('names a database that can be, unlike %s', (name) => {
    expect(checked(`mongodb://127.0.0.1/${name}`)).toThrow(new InvalidUrl('names an invalid database'));
  });

  it.each([
    'mongodb://127.0.0.1',
    'mongodb://user:w%3D0%3Fj@127.0.0.1:27017/twinlock?authSource=admin&retryWrites=false&replicaSet=rs0',
    'mongodb://a,b,c/journal?tls=true&appName=w%3D1',
  ])('may say everything else: %s', (url) => {
    expect(checked(url)).not.toThrow();
  });

  // what the names above do not know of
  it.each([
    'journal=false',
    'readConcernLevel=available',
    'readPreference=secondary',
    'readPreference=primaryPreferred',
    'readPreference=nearest&readPreferenceTags=dc:a',
    'readPreference=nearest&maxStalenessSeconds=90',
  ])('is looked at again by what comes of it: ?%s', (query) => {
    const of = (url: string): mongo.Collection =>
      new mongoose.mongo.MongoClient(url, options)
        .db('twinlock')
        .collection('commits', query.startsWith('readConcern') ? {} : { readConcern: { level: 'majority' } });
    expect(() => checkConcerns(of(`mongodb://127.0.0.1/?${query}`), 'majority')).toThrow(InvalidUrl);
  });

  it('that says nothing of it gives the concerns of the product', () => {
    const majority = new ReadConcern('majority');
    const concerns = {
      writeConcern: new WriteConcern('majority', 5_000, true),
      readConcern: majority,
      readPreference: ReadPreference.primary,
    };
    expect(() => checkConcerns(concerns, 'majority')).not.toThrow();
    expect(() => checkConcerns(concerns, 'local')).toThrow(InvalidUrl);
    expect(() => checkConcerns({ ...concerns, writeConcern: new WriteConcern('majority') }, 'majority')).toThrow(
      InvalidUrl,
    );
  });
});
