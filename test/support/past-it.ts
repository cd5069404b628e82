/** Says an instance that stood still at a certain point, once what it was about to do there is done or refused. */
export const PAST_IT = 'It is past the point.\n';
