import http from 'k6/http';

// Knows nothing of our module, so nothing of what it sends is timed.
export const options = {
  scenarios: { constant: { executor: 'constant-arrival-rate', rate: 5, duration: '2s', preAllocatedVUs: 5 } },
};

export default function untimed() {
  http.get('http://127.0.0.1:9/');
}
