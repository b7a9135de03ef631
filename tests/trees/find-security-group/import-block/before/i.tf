import {
  to = aws_security_group.endpoints
  id = "sg-endpoint"
}
