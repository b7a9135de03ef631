resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = data.aws_vpc.main.id
}
