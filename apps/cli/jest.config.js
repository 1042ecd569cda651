// @boundaries-ignore the workspace's one Jest set-up
import base from '../../jest.base.js';

export default { ...base, rootDir: import.meta.dirname };
