resource "aws_security_group" "bastion" {
  name   = "bastion"
  vpc_id = data.aws_vpc.other.id
}
