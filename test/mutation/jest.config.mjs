import config from '../../jest.config.mjs';

/** The unit specs alone, as the mutation tester wants one project. */
export default { ...config.projects.find(({ displayName }) => displayName === 'unit'), displayName: undefined };
