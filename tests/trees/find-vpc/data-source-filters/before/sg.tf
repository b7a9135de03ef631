resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = data.aws_vpc.existing.id
}

resource "aws_security_group" "other" {
  name   = "other"
  vpc_id = data.aws_vpc.other.id
}
