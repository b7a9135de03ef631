resource "aws_security_group" "endpoints" {
  name = "bond-endpoints"
}
