resource "aws_network_interface" "nat" {
  subnet_id         = "subnet-public"
  source_dest_check = true
}
