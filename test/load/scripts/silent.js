import { finished, settings } from 'k6/x/shakedown';

export const options = JSON.parse(settings()).options;

export default function sendsNothing() {
  finished();
}
