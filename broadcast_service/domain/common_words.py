"""Words that passwords are most often made of, folded: the longest-lived entries of leaked lists, Vietnamese and
English, names of the region and of the trade. Digits and runs of keys are found by rule and need no entry."""

COMMON_WORDS = frozenset(
    """
password passwd passcode passphrase matkhau matma khoamat dangnhap taikhoan nguoidung quantri quantrivien admin
administrator adminadmin root superuser user username guest test tester testing demo default changeme change letmein
welcome login logmein master secret secure security private access system server internet computer maytinh iloveyou
loveyou loveme lovely love yeuem yeuanh anhyeuem emyeuanh yeunhau yeumai maiyeu yeugiadinh giadinh anhnhoem emnhoanh
nhoem nhoanh vochong voyeu chongyeu conyeu conyeucha conyeume boyeu meyeu banthan hello hellohello xinchao chaoban
tinhyeu hanhphuc maiman thanhcong phattai tailoc anlac binhan monkey dragon shadow sunshine princess football
baseball soccer basketball hockey superman batman spiderman pokemon michael jordan jennifer jessica ashley daniel
charlie thomas robert andrew joshua george harley ranger hunter buster tigger pepper ginger summer winter spring
autumn flower flowers cookie chocolate banana orange purple silver golden diamond freedom whatever trustno nothing
something anything starwars matrix killer hacker phoenix thunder lightning google facebook youtube zalo gmail yahoo
hotmail iphone samsung nokia android windows microsoft apple vinaphone viettel mobifone vnpt wifi modem router
camera hikvision dahua abcabc abcdef abcd1234 abc123 qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx
1q2w3e4r 1q2w3e 1qaz2wsx q1w2e3r4 zaq12wsx asd123 asdasd qweasd qweasdzxc qwe123 aaa111 a1b2c3 p4ssw0rd passw0rd
vietnam vietnamdan vietnamyeu toiyeuvietnam congsan danchu conghoa doclap tudo hochiminh bacho bachovidai hanoi
saigon danang haiphong cantho nhatrang khanhhoa camranh ninhhoa ninhdiem ninhthuan phuyen daklak dalat hue ninhan
ninhhai ninhphuoc ninhthuy ninhtho hoatri hoathang tandinh namninhhoa bacninhhoa tayninhhoa dongninhhoa trungtam
vanhoa thongtin thethao truyenthanh phatthanh truyenhinh daitruyenthanh daiphatthanh loaphuong loaxa phuongxa phuong
uyban ubnd tuyengiao thidua khenthuong nguoitot viectot nguoitotviectot dienhinh tientien kichban bientap
bientapvien canbo canbodai lanhdao phatsong chuongtrinh broadcast broadcasting station service radio january
february march april june july august september october november december monday tuesday wednesday thursday friday
saturday sunday thuhai thuba thutu thunam thusau thubay chunhat thang ngay nam nguyen tran pham hoang huynh phan
dang bui ngo duong thanh hung dung minh linh huong trang thao phuong thuy anhem banbe congty nhanvien giaovien
hocsinh sinhvien lophoc truonghoc correcthorsebatterystaple correct horse battery staple
    """.split()  # noqa: SIM905  a page of words reads better than a list
)
