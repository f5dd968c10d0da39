package convert

// MovingJXL is for the tests.
var MovingJXL = movingJXL
