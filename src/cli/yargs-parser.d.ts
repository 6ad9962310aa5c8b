// The build of yargs-parser that needs nothing of Node; its types are those of the other one.
declare module 'yargs-parser/browser' {
  import parser from 'yargs-parser';
  export default parser;
}
