"""What readers do on a page: answer, tick off what they have done, and say what they think."""
